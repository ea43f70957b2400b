"""A run of `apply` over any folder of files, judged by decoders that share no code with convcli."""
