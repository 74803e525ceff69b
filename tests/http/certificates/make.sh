#!/bin/sh
# Makes the certificates of test_tls.py: valid for a century, trusted by nobody, worth nothing.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
touch index.txt
cat > ca.cnf <<CNF
[ca]
default_ca = all
[all]
database = index.txt
rand_serial = yes
new_certs_dir = .
default_md = sha256
unique_subject = no
policy = any
copy_extensions = copy
[any]
commonName = supplied
CNF
# file, extensions, first and last day, how to sign
sign() {
    openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"
    openssl req -new -key "$1.key" -subj "/CN=$1, tests only" -addext "$2" \
        -addext "basicConstraints=$3" -out "$1.csr"
    shift_from=$4 shift_to=$5 name=$1
    shift 5
    openssl ca -batch -config ca.cnf -notext -in "$name.csr" -out "$name.crt" \
        -startdate "$shift_from" -enddate "$shift_to" "$@"
}
sign ca keyUsage=critical,keyCertSign critical,CA:TRUE 20200101000000Z 21250101000000Z \
    -selfsign -keyfile ca.key
cp ca.crt "$here/ca.pem"
by_ca() { sign "$@" -cert ca.crt -keyfile ca.key; cat "$1.key" "$1.crt" > "$here/$1.pem"; }
by_ca good subjectAltName=IP:127.0.0.1 CA:FALSE 20200101000000Z 21250101000000Z
by_ca other subjectAltName=DNS:elsewhere.test CA:FALSE 20200101000000Z 21250101000000Z
by_ca expired subjectAltName=IP:127.0.0.1 CA:FALSE 20200101000000Z 20210101000000Z
