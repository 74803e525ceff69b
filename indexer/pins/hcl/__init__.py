"""Finds the images of files in HCL, and in its JSON form: bake files and Terraform.

In: the text of such a file.
Out: pins with their lines.
May not: run functions that read files, or load the parser of HCL for other files.

files                detects them, and loads the rest only then
syntax               parses HCL to tokens, and what texts mean
parsed_files         files, each parsed once
reader               reads HCL to the nodes of its JSON form
values               the values of expressions, as far as a file holds what they need
forms                what each form of an expression results in
functions            functions that names of images are made with
bake                 the images of bake files of Docker
terraform            the images of resources of Terraform
terraform_names      what names in Terraform mean
terraform_resources  which attributes of which resources name images
"""
