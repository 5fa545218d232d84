# Writes the C++ that carries the file OPENAPI to OUTPUT.
file(READ "${OPENAPI}" text)
file(WRITE "${OUTPUT}" "// Made from schema/openapi.json by schema/embed_openapi.cmake.\n#include \"schema/openapi.h\"\n\nnamespace tenure::schema {\n\nconst std::string_view openapi = R\"openapi(${text})openapi\";\n\n}  // namespace tenure::schema\n")
