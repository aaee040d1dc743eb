// A forward pass that could not go on: its last step shows where, and the value has a mark for a number.
CLASSES.refused = "bad";
PHASES.refused = "refused";
tells.refused = (state, { node }) => { state.data[node] = "✗"; };
