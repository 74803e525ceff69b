"""Finds the images that continuous integration runs.

In: the text of workflows and pipelines.
Out: pins with their lines.
May not: read further files that these include, or guess what only the service knows.

github_actions      the images of workflows and actions of GitHub
github_expressions  the values of `${{ matrix.image }}` in workflows
gitlab_ci           the images of pipelines of GitLab
gitlab_includes     which files make one pipeline of GitLab
gitlab_jobs         jobs of GitLab with what they inherit
gitlab_variables    their variables
"""
