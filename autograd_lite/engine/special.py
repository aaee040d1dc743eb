"""The gamma, normal and sinc functions, to the last digits: values of some primitives.

Floats only, as in ``floats.py``. Each is closed under differentiation: the derivatives of a family
are members of it, and none is a difference of two numbers that are nearly equal, but next to the
zeros of log Γ and ψ to the left of 0: there the error is one of the last digit of 1.

Next: ``collector.py``.
"""

import math
from math import inf, nan

from .floats import SQRT_TAU, gaussian, ndtr, split

SMALL = 2.0**-520
SQRT_PI_HALVES = 0.5 * math.sqrt(math.pi)

#: 1 − γ and ζ(2) − 1, −(ζ(3) − 1), …: the series of ψ(2 + t), and, over k, of log Γ(2 + t).
NEAR_TWO = (
    0.42278433509846713, 0.6449340668482264, -0.2020569031595943, 0.08232323371113819,
    -0.03692775514336993, 0.01734306198444914, -0.008349277381922827, 0.00407735619794434,
    -0.0020083928260822143, 0.0009945751278180853, -0.0004941886041194645, 0.0002460865533080483,
    -0.00012271334757848915, 6.124813505870483e-05, -3.058823630702049e-05, 1.528225940865187e-05,
    -7.637197637899763e-06, 3.81729326499984e-06, -1.908212716553939e-06, 9.539620338727962e-07,
    -4.769329867878064e-07, 2.38450502727733e-07, -1.1921992596531106e-07, 5.960818905125948e-08,
    -2.980350351465228e-08, 1.4901554828365043e-08, -7.45071178983543e-09, 3.725334024788457e-09,
    -1.862659723513049e-09, 9.313274324196682e-10, -4.656629065033784e-10, 2.3283118336765053e-10,
    -1.164155017270052e-10,
)  # fmt: skip
#: Bernoulli's numbers B₂, B₄, …
BERNOULLI = (
    1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66,
    -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798, -174611 / 330,
)  # fmt: skip
#: ψ between 1 and 2 (Boost): its zero, to 50 digits in three parts, and a quotient.
PSI_ZERO = (1.4616321446374059, 3.309564688275257e-10, 9.016312093258696e-20)
PSI_Y = 0.99558162689208984375
PSI_P = (
    -0.00289268368333918761452, -0.0541156266153505273939, -0.314767657147375752913,
    -0.665836341559876230295, -0.314628554532916496608, 0.254798510611315515235,
)  # fmt: skip
PSI_Q = (
    0.317940243105952177571e-7, -0.165079794012604905639e-5, 0.00298999662592323990972,
    0.0660481487173569812846, 0.486986018231042975162, 1.54350554664961128724,
    2.1195759927055347547, 1.0,
)  # fmt: skip
#: erf⁻¹ to seven digits (Giles), between its centre and its tail.
ERFINV_CENTRE = (
    2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087, -0.00125372503,
    -0.00417768164, 0.246640727, 1.50140941,
)  # fmt: skip
ERFINV_TAIL = (
    -0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613,
    0.00943887047, 1.00167406, 2.83297682,
)  # fmt: skip


def check_order(n: float) -> None:
    """ValueError unless n is the order of a derivative."""
    if not (n >= 1.0 and n % 1.0 == 0.0):
        raise ValueError(f"The order of a derivative is a whole number from 1 on; got {n}.")


def polynomial(coefficients: tuple[float, ...], x: float) -> float:
    """By Horner, the highest power first."""
    total = 0.0
    for c in coefficients:
        total = total * x + c
    return total


def sinpi(x: float) -> float:
    """sin(πx), which is 0 at every whole number."""
    n = math.floor(x + 0.5) if math.fabs(x) < 2.0**52 else x
    t = x - n
    if math.fabs(t) < 0.25:
        s = math.sin(math.pi * t)
    else:
        s = math.copysign(math.cos(math.pi * (0.5 - math.fabs(t))), t)
    return s if n % 2 == 0 else -s


def cospi(x: float) -> float:
    """cos(πx), which is 0 halfway between whole numbers."""
    x = math.fmod(math.fabs(x), 2.0)
    return sinpi(0.5 - x)


# --- the gamma function and its logarithmic derivatives -------------------------------------------


def _is_pole(x: float) -> bool:
    return -inf < x <= 0.0 and x == math.floor(x)


def _product(t: float, first: int, last: int, unit: float = 1.0) -> tuple[float, float]:
    """(t + first) … (t + last) times the unit, and what rounding has lost of it."""
    product, lost = unit, 0.0
    for j in range(first, last + 1):
        factor = t + j
        rounded = product * factor
        a, b = split(product)
        c, d = split(factor)
        error = ((a * c - rounded) + a * d + b * c) + b * d
        error += product * (t - (factor - j))
        lost = lost * factor + error
        product = rounded
    return product, lost


def _log_gamma_near_two(t: float) -> float:
    """log Γ(2 + t) for −0.65 ≤ t ≤ ½."""
    total = 0.0
    for k in range(len(NEAR_TWO), 0, -1):
        total = total * t + NEAR_TWO[k - 1] / k
    return total * t


def _stirling(x: float) -> float:
    """Σ B₂ₖ/(2k·(2k − 1)·x²ᵏ⁻¹): what Stirling's formula leaves of log Γ(x)."""
    r = 1.0 / (x * x)
    total = 0.0
    for k in range(8, 0, -1):
        total = total * r + BERNOULLI[k - 1] / (2 * k * (2 * k - 1))
    return total / x


def lgamma(x: float) -> float:
    """log |Γ(x)|."""
    if not math.isfinite(x) or _is_pole(x):
        return math.lgamma(x)
    if x >= 20.0:
        return (x - 0.5) * (math.log(x) - 1.0) + (0.4189385332046727 + _stirling(x))
    if x <= -20.0:
        y = -x
        return -math.log(y * math.fabs(sinpi(y)) / math.pi) - lgamma(y)
    n = 2 if 1.35 < x < 2.0 else round(x)
    t = x - n
    near = _log_gamma_near_two(t)
    if n == 0:
        return near - math.log1p(t) - math.log(math.fabs(x))
    if n == 1:
        return near - math.log1p(t)
    if n > 2:
        return near + math.log(_product(t, 2, n - 1)[0])
    return near - math.log(math.fabs(_product(t, n, 1)[0])) if n < 2 else near


def gamma(x: float) -> float:
    """Γ(x)."""
    if not -170.0 < x < 172.0 or _is_pole(x):
        return math.gamma(x)
    if x == math.floor(x):
        return float(math.factorial(int(x) - 1))
    if x <= -20.0:
        return -math.pi / (-x * sinpi(-x)) / gamma(-x)
    n = round(x)
    t = x - n
    near = math.exp(_log_gamma_near_two(t))
    if n > 2:
        product, lost = _product(t, 2, n - 1, SMALL)
        return (near * product + near * lost) / SMALL
    product, lost = _product(t, n, 1)
    z = near / product
    return z - z * (lost / product) if math.isfinite(z) else z


def digamma(x: float) -> float:
    """ψ(x), the derivative of log Γ(x)."""
    if _is_pole(x):
        raise ValueError("a pole")
    if not x > -inf:
        return nan
    if x < -20.0:
        return digamma(1.0 - x) - math.pi * (cospi(x) / sinpi(x))
    if x >= 10.0:
        r = 1.0 / (x * x)
        total = 0.0
        for k in range(10, 0, -1):
            total = total * r + BERNOULLI[k - 1] / (2 * k)
        return math.log(x) - (0.5 / x + total * r)
    terms = []
    while x > 2.0:
        x -= 1.0
        terms.append(1.0 / x)
    while x < 0.0:
        terms.append(-1.0 / x)
        x += 1.0
    if x < 1.0:
        terms.append(-1.0 / x)
    t = x - 1.0 if x >= 1.0 else x
    from_zero = ((t - (PSI_ZERO[0] - 1.0)) - PSI_ZERO[1]) - PSI_ZERO[2]
    quotient = polynomial(PSI_P, t) / polynomial(PSI_Q, t)
    return math.fsum([from_zero * PSI_Y, from_zero * quotient, *terms])


def polygamma(x: float, n: float) -> float:
    """ψ⁽ⁿ⁾(x), the n-th derivative of ψ, for n ≥ 1."""
    if not math.isfinite(x):
        return 0.0 if x == inf else nan
    order = int(n)
    sign = 1.0 if order % 2 else -1.0
    if _is_pole(x):
        raise ValueError("a pole")
    if x < -20.0:
        return -sign * polygamma(1.0 - x, n) - _cotangent_derivative(x, order)
    terms = []
    factorial = math.factorial(order)
    if (n + 1.0) * math.log(math.fabs(x)) < math.lgamma(n + 1.0) - 709.0:  # n!/xⁿ⁺¹ > 1e307
        return sign * (inf if order % 2 else math.copysign(inf, x))
    while x < 20.0 + order:
        terms.append(factorial * math.pow(x, -n - 1.0))
        x += 1.0
    terms.append(math.factorial(order - 1) * math.pow(x, -n))
    terms.append(0.5 * factorial * math.pow(x, -n - 1.0))
    for k, b in enumerate(BERNOULLI, start=1):
        c = math.factorial(2 * k + order - 1) / math.factorial(2 * k)
        terms.append(b * c * math.pow(x, -n - 2.0 * k))
    return sign * math.fsum(terms)


def _cotangent_derivative(x: float, n: int) -> float:
    """The n-th derivative of π·cot(πx): a polynomial in cot, as cot' = −(1 + cot²)."""
    c = cospi(x) / sinpi(x)
    powers = [0, 1]  # the polynomial, the lowest power first
    for _ in range(n):
        slope = [k * a for k, a in enumerate(powers)][1:]
        powers = [-(a + b) for a, b in zip([*slope, 0, 0], [0, 0, *slope])]  # noqa: B905
    return math.pow(math.pi, n + 1.0) * polynomial(tuple([float(a) for a in powers[::-1]]), c)


# --- the normal distribution ----------------------------------------------------------------------


def mills_tail(x: float, n: float) -> float:
    """n·Iₙ/Iₙ₋₁, where Iₙ is the n-th integral of φ up to x, and I₀ is Φ; of n = 0, φ/Φ.

    To the right of 0 by the recurrence of these integrals, to the left by its continued fraction.
    """
    order = int(n)
    if x != x:
        return x
    if x > (-0.3 if order else -6.0):
        k = gaussian(x, 0.5) / (SQRT_TAU * ndtr(x))
        for i in range(order):
            k = x + (i / k if i else k)
        return k
    if x == -inf:
        return inf if order == 0 else 0.0
    last = order + 15 + int(400.0 / (x * x))
    a = x - 1.0 / math.hypot(x, 2.0 * math.sqrt(last))
    k = 0.5 * (a + math.hypot(a, 2.0 * math.sqrt(last + 1.0)))
    for i in range(last, max(order, 1) - 1, -1):
        k = i / (k - x)
    return k if order else k - x


def mills(x: float) -> float:
    """φ(x)/Φ(x), the slope of log Φ."""
    return mills_tail(x, 0.0)


def log_ndtr(x: float) -> float:
    """log Φ(x)."""
    if x > 0.0:
        return math.log1p(-ndtr(-x))
    if x > -1.0:
        return math.log(ndtr(x))
    return -inf if x == -inf else -0.5 * x * x - math.log(SQRT_TAU * mills(x))


def erfinv(x: float) -> float:
    """The z whose erf is x."""
    return _erfinv(x)[0]


def erfinv_slope(x: float) -> float:
    """½√π·exp(erf⁻¹(x)²), corrected for the rounding of erf⁻¹(x)."""
    z, missing = _erfinv(x)
    return SQRT_PI_HALVES / gaussian(z, 1.0) * (1.0 + 2.0 * z * missing)


def _erfinv(x: float) -> tuple[float, float]:
    """The z whose erf is x, and what is missing in its last digit."""
    rest = 1.0 - math.fabs(x)
    if not rest > 0.0:
        if x == x:
            raise ValueError("beyond ±1")
        return x, x
    if rest > 1.0 - 1e-9:
        return SQRT_PI_HALVES * x, 0.0
    w = -math.log(rest * (1.0 + math.fabs(x)))
    if w < 5.0:
        z = x * polynomial(ERFINV_CENTRE, w - 2.5)
    else:
        z = x * polynomial(ERFINV_TAIL, math.sqrt(w) - 3.0)
    step = _to_erf(z, x, rest)
    while math.fabs(step) > 1e-12:  # Halley's steps: each triples the digits
        z += step / (1.0 - z * step)
        step = _to_erf(z, x, rest)
    z += step
    return z, _to_erf(z, x, rest)


def _to_erf(z: float, x: float, rest: float) -> float:
    """Newton's step from z to the z whose erf is x; ``rest`` is 1 − |x|."""
    if rest > 0.5:
        missing = x - math.erf(z)
    else:
        missing = math.copysign(1.0, x) * (math.erfc(math.fabs(z)) - rest)
    return missing * (SQRT_PI_HALVES / gaussian(z, 1.0))


# --- sinc -----------------------------------------------------------------------------------------


def sinc(x: float) -> float:
    """sin(πx)/(πx), and 1 at 0."""
    if math.isinf(x):
        return 0.0
    return sinpi(x) / (math.pi * x) if x else 1.0


def sinc_derivative(x: float, n: float) -> float:
    """The n-th derivative of sin(πx)/(πx): a series around 0, a recurrence further out."""
    order = int(n)
    if not math.isfinite(x):
        return 0.0 if math.isinf(x) else x
    if math.fabs(x) < 0.5 + 0.25 * order:
        terms: list[float] = []
        k = (order + 1) // 2
        term = math.pow(-1.0, k) * math.pow(math.pi, 2 * k) / (2 * k + 1)
        term *= x if 2 * k > order else 1.0
        while math.fabs(term) > 1e-20 * math.fabs(terms[0] if terms else 0.0):
            terms.append(term)
            a, b = 2 * k - order + 1, 2 * k - order + 2
            term *= -math.pi * math.pi * x * x * (2 * k + 1) / ((2 * k + 3) * a * b)
            k += 1
        return math.fsum(terms)
    waves = (sinpi(x), cospi(x), -sinpi(x), -cospi(x))
    z = sinc(x)
    for k in range(1, order + 1):
        z = (math.pow(math.pi, k - 1.0) * waves[k % 4] - k * z) / x
    return z
