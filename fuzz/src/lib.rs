//! What the targets share. Of the program they need the room `network`, which computes no tensor: they are built without
//! libtorch, in a minute.

pub mod mutation;
