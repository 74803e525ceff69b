#!/bin/sh
# Makes the key and the certificate of the tests' token service: valid for a century, trusted by
# nobody, worth nothing. `token.json` has the key's numbers, so that Python can sign with them.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/token.key" -out "$here/token.pem" \
    -days 36500 -subj "/CN=token service, tests only"
openssl rsa -in "$work/token.key" -outform DER -traditional 2> /dev/null > "$work/token.der"
python3 - "$work/token.der" > "$here/token.json" <<'PYTHON'
import json, sys

body = open(sys.argv[1], "rb").read()
numbers, place = [], 4  # a sequence with a length of two bytes
while place < len(body):
    length, place = body[place + 1], place + 2
    if length > 128:
        size = length - 128
        length, place = int.from_bytes(body[place : place + size], "big"), place + size
    numbers.append(int.from_bytes(body[place : place + length], "big"))
    place += length
_, modulus, _, private, *_ = numbers
print(json.dumps({"modulus": hex(modulus), "private": hex(private)}, indent=2))
PYTHON
