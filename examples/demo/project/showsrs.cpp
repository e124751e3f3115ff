// Shows coordinate systems, given in ESRI's notation, in that of PROJ.4. It stands where srs has its addon for node.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include "cpl_conv.h"
#include "ogr_spatialref.h"

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        std::ifstream file(argv[i]);
        std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
        OGRSpatialReference srs;
        char *proj4 = NULL;
        if (srs.SetFromUserInput(text.c_str()) != OGRERR_NONE || srs.morphFromESRI() != OGRERR_NONE || srs.exportToProj4(&proj4) != OGRERR_NONE) {
            std::fprintf(stderr, "%s: no coordinate system\n", argv[i]);
            return 1;
        }
        std::printf("%s\n", proj4);
        CPLFree(proj4);
    }
    return 0;
}
