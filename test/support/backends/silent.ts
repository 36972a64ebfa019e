// What stands in for the optional TensorFlow package when it was built for another TensorFlow.js: it registers nothing here.
export {};
