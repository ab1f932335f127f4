"""What a GPU does with deconvscope: scripts/gpu_check.sh."""
