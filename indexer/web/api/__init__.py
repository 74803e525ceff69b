"""`/api/v1`: what the commands print with `--format json`, over HTTP, a page at a time.

In: requests, and the index as the client may see it.
Out: the records of `indexer.render.records`, with a cursor and how fresh they are.
May not: answer anything that a command answers in another way.

status         the state of each namespace, and crawls
images         repositories, tags, digests and their history
isolated_file  the images of a file, found in a process of its own with bounds
check          what is said of the images in a file that is sent
inspect        what is inside an image
diff           what two digests of a tag differ in
stats          what is counted by the day
violations     violations of policies
change_stream  changes after a cursor: now, as a long poll, or as a stream
parameters     the parameters that several operations take
answers        what operations answer: pages of records
openapi        the documentation of the API
"""
