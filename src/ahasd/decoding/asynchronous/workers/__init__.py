"""The processes of draft and target: started, watched and ended."""
