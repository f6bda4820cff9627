"""An invented world to try the pipeline on: a clean truth, and workbooks that tell it badly."""
