// What stands in for the optional TensorFlow package when its library can't be loaded: it throws while it is imported.
throw new Error('libtensorflow.so.2: cannot open shared object file\nand more that nobody needs to read');
