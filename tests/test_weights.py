"""Parameters as arrays: vectors, matrices, states, files that are damaged or hostile."""

import copy
import json
import math
import random

import numpy as np
import pytest
import scipy.optimize

from autograd_lite import Parameter, Value, check_gradients, grad, hessian, value_and_grad
from autograd_lite.nn import MLP, Layer, Module, Neuron, mse_loss
from autograd_lite.optim import Newton


class Everything(Module):
    """Parameters wherever they may be: alone, in lists, matrices, dicts, modules, twice."""

    def __init__(self, seed=0):
        random.seed(seed)
        self.scale = Parameter(random.random())
        self.W = np.array([[Parameter(random.random()) for _ in range(3)] for _ in range(2)])
        self.rows = [[Parameter(random.random()) for _ in range(2)] for _ in range(2)]
        self.ragged = [[Parameter(1.0)], [Parameter(2.0), Parameter(3.0)]]
        self.named = {"a": Parameter(random.random()), "b": [Parameter(random.random())]}
        self.layer = Layer(3, 2, mask=[[1, 1, 0], [0, 0, 1]])
        self.tied = self.W.T.copy()
        self.notes = ["text", 3.0, None]


def model_and_data():
    random.seed(1)
    model = MLP(2, [3, 1], activation="tanh")
    X = [[0.1, 0.4], [-0.3, 0.2], [0.5, -0.6], [0.9, 0.8]]
    return model, X, [0.2, -0.1, 0.4, 0.7]


# --- a module is a function of its parameters -----------------------------------------------------


def test_the_derivatives_of_a_network_by_its_parameters_are_those_of_backward():
    model, X, y = model_and_data()

    def loss(v):
        at = model.at(v)
        return mse_loss([at(x) for x in X], y)

    check_gradients(loss, model.vector)
    mse_loss([model(x) for x in X], y).backward()
    np.testing.assert_allclose(grad(loss)(model.vector), model.vector_grad, rtol=1e-13)
    H = hessian(loss)(model.vector)
    np.testing.assert_allclose(H, H.T, rtol=1e-9, atol=1e-12)
    assert H.shape == (len(model.parameters()),) * 2


def test_scipy_and_newton_train_a_network_as_a_function():
    model, X, y = model_and_data()

    def loss(v):
        at = model.at(v)
        return mse_loss([at(x) for x in X], y)

    before = model.vector
    found = scipy.optimize.minimize(value_and_grad(loss), before, jac=True)
    assert model.vector.tolist() == before.tolist()  # the model is as it was
    model.vector = found.x
    assert found.fun < 1e-6
    assert mse_loss([model(x) for x in X], y).data == found.fun
    line = Neuron(1, nonlin=False)
    line.vector = Newton(
        lambda v: mse_loss([line.at(v)([t]) for t in (0.0, 1.0, 2.0)], [1.0, 3.0, 5.0])
    ).minimise(line.vector)
    np.testing.assert_allclose(line.vector, [2.0, 1.0], rtol=1e-12)


def test_a_module_at_a_vector_shares_what_it_shared_and_leaves_the_module_alone():
    model = Everything()
    values = [Value(float(k)) for k in range(len(model.parameters()))]
    there = model.at(values)
    assert there.W[1, 0] is there.tied[0, 1] is values[4]
    assert [p.data for p in there.parameters()] == [v.data for v in values]
    assert there.layer.neurons[0].w[0] in values
    assert not set(values) & set(model.parameters())
    computed = model.at([v * 2.0 for v in values])
    computed.scale.backward()
    assert values[0].grad == 2.0
    with pytest.raises(ValueError, match=r"Everything has 21 parameters; got a vector of 20"):
        model.at(values[:-1])


def test_vectors_and_matrices_read_and_write():
    layer = Layer(3, 2)
    layer.weights, layer.biases = [[1, 2, 3], [4, 5, 6]], [7.0, 8.0]
    assert [w.data for w in layer.neurons[1].w] == [4.0, 5.0, 6.0]
    assert layer.vector.tolist() == [1.0, 2.0, 3.0, 7.0, 4.0, 5.0, 6.0, 8.0]
    assert [out.data for out in layer([1.0, 0.0, 1.0])] == [11.0, 18.0]
    sum(layer([1.0, 0.0, 2.0])).backward()
    assert layer.weights_grad.tolist() == [[1.0, 0.0, 2.0]] * 2
    assert layer.biases_grad.tolist() == [1.0, 1.0]
    layer.vector_grad = np.zeros(8)
    assert not layer.weights_grad.any()
    assert layer.weights.dtype == layer.vector.dtype == np.float64


def test_a_mask_is_zero_in_the_matrix_and_stays_so():
    layer = Layer(3, 2, mask=[[1, 1, 0], [0, 0, 1]])
    layer.weights = [[1.0, 2.0, 0.0], [0.0, 0.0, 3.0]]
    assert layer.weights.tolist() == [[1.0, 2.0, 0.0], [0.0, 0.0, 3.0]]
    with pytest.raises(ValueError, match=r"Layer\.weights has no parameter where its mask is 0"):
        layer.weights = np.ones((2, 3))
    assert layer.weights[0, 0] == 1.0


@pytest.mark.parametrize(
    ("given", "error", "told"),
    [
        ([1.0], ValueError, r"Neuron\.vector has the shape \(3,\); got \(1,\)"),
        ([[1.0, 2.0, 3.0]], ValueError, r"got \(1, 3\)"),
        (["a", "b", "c"], TypeError, "real numbers"),
        ([1.0, 2.0, None], TypeError, "real numbers"),
        ([1.0, 2.0, 1j], TypeError, "complex"),
        ([Value(1.0)] * 3, TypeError, r"model\.at\(values\)"),
    ],
)
def test_what_is_no_vector_leaves_the_numbers(given, error, told):
    neuron = Neuron(2)
    before = neuron.vector.tolist()
    with pytest.raises(error, match=told):
        neuron.vector = given
    assert neuron.vector.tolist() == before


# --- states ---------------------------------------------------------------------------------------


def test_a_state_has_an_array_for_each_attribute():
    shapes = {name: x.shape for name, x in Everything().state_dict().items()}
    assert shapes == {
        "scale": (), "W": (2, 3), "rows": (2, 2), "ragged1": (1,), "ragged2": (2,),
        "named.a": (), "named.b": (1,), "layer.neuron1.w": (2,), "layer.neuron1.b": (),
        "layer.neuron2.w": (1,), "layer.neuron2.b": (), "tied": (3, 2),
    }  # fmt: skip


@pytest.mark.parametrize("suffix", ["json", "safetensors"])
def test_a_saved_model_comes_back_bit_by_bit(tmp_path, suffix):
    if suffix == "safetensors":
        pytest.importorskip("safetensors")
    model, other = Everything(), Everything(seed=5)
    model.vector = [math.pi * 10.0 ** (k * 30 - 300) for k in range(21)]
    assert model.save(tmp_path / f"w.{suffix}") == tmp_path / f"w.{suffix}"
    assert other.load(tmp_path / f"w.{suffix}") == ([], [])
    assert other.vector.tobytes() == model.vector.tobytes()
    assert [path.name for path in tmp_path.iterdir()] == [f"w.{suffix}"]


def test_states_that_do_not_fit_are_refused_whole():
    model = Everything()
    before, state = model.vector.tolist(), Everything(seed=3).state_dict()
    lacking = {name: x for name, x in state.items() if name != "W"}
    for wrong, told in [
        (lacking, r"it lacks 'W'\. With strict=False"),
        (state | {"V": [1.0]}, r"it has no place for 'V'"),
        (state | {f"V{k}": 1.0 for k in range(9)}, "'V4' and 4 more"),
        (state | {"W": np.zeros((3, 2))}, r"W has the shape \(2, 3\); got \(3, 2\)"),
        (state | {"layer.neuron2.b": [1.0]}, r"layer\.neuron2\.b has the shape \(\); got \(1,\)"),
        (state | {"tied": np.zeros((3, 2))}, r"tied shares a parameter .* another number"),
    ]:
        with pytest.raises(ValueError, match=told):
            model.load_state_dict(wrong)
    for wrong in ({**state, "scale": "1.0"}, {**state, "scale": None}, [1.0]):
        with pytest.raises(TypeError, match="got a list" if type(wrong) is list else "scale"):
            model.load_state_dict(wrong)
    assert model.vector.tolist() == before
    assert model.load_state_dict(lacking | {"V": 1.0}, strict=False) == (["W"], ["V"])
    assert model.scale.data == state["scale"]


def test_a_file_is_of_the_whole_model_unless_that_is_said(tmp_path):
    model, part = Everything(), Module()
    part.W = model.W
    part.save(tmp_path / "part.json")
    model.W[0, 0].data, before = 7.0, model.W[0, 0].data
    with pytest.raises(ValueError, match="it lacks"):
        model.load(tmp_path / "part.json")
    assert model.W[0, 0].data == 7.0
    lacking, more = model.load(tmp_path / "part.json", strict=False)
    assert (model.W[0, 0].data, more) == (before, [])
    assert "W" not in lacking
    assert "scale" in lacking


# --- files ----------------------------------------------------------------------------------------

GOOD = {"format": "autograd_lite weights", "parameters": {"w": [1.0, 2.0], "b": 0.5}}


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"\xff\xfe", b"null", b"[1, 2]", b'"text"', b"[" * 100_000, b"\x80\x04\x95",
        json.dumps(GOOD).encode()[:-4],
        json.dumps(GOOD | {"format": "another"}).encode(),
        json.dumps(GOOD | {"parameters": [1.0]}).encode(),
        json.dumps(GOOD | {"parameters": {"w": [1.0, "2.0"], "b": 0.5}}).encode(),
        json.dumps(GOOD | {"parameters": {"w": [1.0, [2.0]], "b": 0.5}}).encode(),
        json.dumps(GOOD | {"parameters": {"w": [1.0, None], "b": 0.5}}).encode(),
        json.dumps(GOOD | {"parameters": {"w": [1.0, {}], "b": 0.5}}).encode(),
        json.dumps(GOOD | {"parameters": {"w": [1.0, float("nan")], "b": 0.5}}).encode(),
        json.dumps(GOOD | {"parameters": {"w": [1.0, True], "b": True}}).encode(),
        json.dumps(GOOD).replace("0.5", "0.5, \"b\": 0.6").encode(),
        json.dumps(GOOD).replace("0.5", "9" * 10_000).encode(),
    ],
    ids=range(19),
)  # fmt: skip
def test_a_json_file_that_is_damaged_or_hostile_leaves_the_model(tmp_path, content):
    neuron, path = Neuron(2), tmp_path / "w.json"
    before = neuron.vector.tolist()
    path.write_bytes(content)
    with pytest.raises((ValueError, TypeError), match=r"w\.json|takes real numbers"):
        neuron.load(path)
    assert neuron.vector.tolist() == before
    path.write_text(json.dumps(GOOD))
    neuron.load(path)
    assert neuron.vector.tolist() == [1.0, 2.0, 0.5]


@pytest.mark.parametrize("name", ["NaN", "Infinity", "-Infinity"])
def test_what_json_has_no_number_for_is_said(tmp_path, name):
    path = tmp_path / "w.json"
    path.write_text(json.dumps(GOOD).replace("0.5", name))
    with pytest.raises(ValueError, match=f"{name} is no number in JSON"):
        Neuron(2).load(path)


def test_a_safetensors_file_that_is_damaged_leaves_the_model(tmp_path):
    st = pytest.importorskip("safetensors.numpy")
    neuron, path = Neuron(2), tmp_path / "w.safetensors"
    before, good = neuron.vector.tolist(), neuron.save(path).read_bytes()
    rng = random.Random(0)
    broken = [good[:k] for k in range(0, len(good), 7)]
    for _ in range(200):
        k = rng.randrange(60)
        broken.append(good[:k] + bytes([good[k] ^ (1 << rng.randrange(8))]) + good[k + 1 :])
    for content in broken:
        path.write_bytes(content)
        try:
            neuron.load(path)  # a flipped bit may still be a whole file, of these names or others
        except ValueError:
            assert neuron.vector.tolist() == before
        else:
            neuron.vector = before
    half = {"w": np.array([1.0, 2.0], np.float32), "b": np.array(0.5, np.float32)}
    path.write_bytes(st.save(half))  # as PyTorch writes them
    neuron.load(path)
    assert neuron.vector.tolist() == [1.0, 2.0, 0.5]


def test_what_cannot_be_saved_leaves_the_old_file(tmp_path):
    neuron, path = Neuron(2), tmp_path / "w.json"
    neuron.save(path)
    old = path.read_bytes()
    neuron.vector = [1.0, math.nan, 2.0]
    with pytest.raises(ValueError, match=r"w has the number nan, which JSON cannot write"):
        neuron.save(path)
    assert path.read_bytes() == old
    for name in ("w.pt", "w.pickle", "w"):
        with pytest.raises(ValueError, match=r"\.json or \.safetensors"):
            neuron.save(tmp_path / name)
        with pytest.raises(ValueError, match=r"\.json or \.safetensors"):
            neuron.load(tmp_path / name)
    with pytest.raises(FileNotFoundError):
        neuron.load(tmp_path / "none.json")
    assert [file.name for file in tmp_path.iterdir()] == ["w.json"]


def test_without_safetensors_the_error_names_the_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "safetensors.numpy", None)
    with pytest.raises(ImportError, match=r"autograd_lite\[safetensors\]"):
        Neuron(2).save(tmp_path / "w.safetensors")
    assert not list(tmp_path.iterdir())


def test_a_copy_has_numbers_of_its_own():
    model = Everything()
    clone = copy.deepcopy(model)
    clone.vector = clone.vector + 1.0
    assert (clone.vector - model.vector).tolist() == pytest.approx([1.0] * 21)
