# The entry.


def main(order):
    os.umask(0o077)
    try:
        answer = OPERATIONS[order["do"]](order)
    except Refused as refused:
        answer = {"refused": str(refused)}
    except OSError as error:
        answer = {"broken" if BEGUN else "refused": "%s: %s" % (error.filename or "The host", os.strerror(error.errno or 0))}
    sys.stdout.write("omserver " + dumps(answer) + "\n")
    sys.stdout.flush()
    # There is nothing to be tidied, and Python would take its time over it.
    os._exit(0)


main(loads(TEXT))
