"""Who asks, and what that client may do.

In: tokens of the configuration, and what a client sends: headers, a cookie, a form.
Out: a `Visitor`, challenges, log-in pages, tokens of the registry API.
May not: ask the index, or write down a secret.

request_visitor  finds who sent a request
credentials      finds whose token, cookie or bearer token was sent
signed           signs what stands for a token, without holding it
challenges       what a 401 asks for
token_service    `/token`: gives registry clients bearer tokens
wrong_credentials  slows down who guesses tokens
login_pages      `/login` and `/logout`: a form and a cookie for browsers
"""
