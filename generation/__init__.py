"""Plans, runs and engines: how compiled windows become painted ones and a stitched map."""
