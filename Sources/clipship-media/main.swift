import MediaProcess

ForkServerMain.serve()
