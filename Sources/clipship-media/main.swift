import MediaProcess

Nursery.serve()
