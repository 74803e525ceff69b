"""What every room stands on: the vocabulary, names of images, errors, time, threads.

In: values of Python.
Out: values of the model, and errors that are sentences.
May not: know a network, a database, or any other room; read the clock or the environment.

model               what is crawled: repositories, tags, changes, crawls; frozen values
catalog_entries     what the index answers: entries, periods, how a namespace stands
errors              one tree: each error with its sentence and its exit code
reference           names of images, read and written
hub_names           Docker Hub's many names, and the addresses of its pages
suggestions         the known names that are nearest to an unknown one
purl                package URLs, read into the same names
printable           foreign text, made fit to be shown
humanize            times, ages, sizes and numbers as people read them
time_expression     `24h`, a date, `crawl:12`: read, with `now` as an argument
image_selector      which images somebody chose: globs, and ranges of versions
version_range       ranges of versions
version_order       tags by what their names say of their age
immutable_tags      which tags a registry itself calls immutable
secret              values that do not show themselves
clock               the port for time
thread_pool         several at a time, results in one thread
keyboard_interrupt  lets what must be whole be finished before Ctrl-C
"""
