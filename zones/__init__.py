"""Vocabulary, geometry and the compiler that turns painted zones into windows a model can paint."""
