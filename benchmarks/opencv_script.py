# ruff: noqa: E401, I001, ICN001 - the peer, as a user would write it: THREADS FOLDER PICTURE...
import sys, pathlib, cv2, numpy

cv2.setNumThreads(int(sys.argv[1]))
kernel = numpy.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]], numpy.float32)
for name in map(pathlib.Path, sys.argv[3:]):
    picture = cv2.filter2D(numpy.asarray(cv2.imread(str(name))), -1, kernel)
    cv2.imwrite(str(pathlib.Path(sys.argv[2], name.name)), picture, [cv2.IMWRITE_JPEG_QUALITY, 92])
