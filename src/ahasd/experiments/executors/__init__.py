"""Who runs batches of tasks: this process, processes of this machine, or a Dask cluster."""
