"""The process that does long work: takes change sets from the queue, one by one."""
