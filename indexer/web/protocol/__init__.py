"""What HTTP asks of every server, whatever it serves: plain ASGI.

In: requests as they arrive, and answers as handlers make them.
Out: requests within their limits, and answers with what HTTP's headers promise.
May not: ask the index, or know what is served.

request_head  the size of a request's head, and the form of its target
request_body  limits the body of a request, however it arrives
cors          lets pages of other sites read what programs read
patience      time limits of a connection
compression   compresses answers for clients that accept it
"""
