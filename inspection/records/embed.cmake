# Writes OUT, the source file of embedded_kinds.hpp, from the folder SCHEMAS.
# usage: cmake -D SCHEMAS=inspection/schemas -D OUT=embedded_kinds.cpp -P embed.cmake
file(GLOB FILES ${SCHEMAS}/*.v1.json)
list(SORT FILES)
set(TEXT "#include \"inspection/records/embedded_kinds.hpp\"\n\n#include <array>\n\nnamespace socai::inspection {\nnamespace {\n\n")
set(ROWS "")
list(LENGTH FILES COUNT)
foreach(FILE IN LISTS FILES)
  get_filename_component(NAME ${FILE} NAME)
  string(REPLACE ".v1.json" "" NAME ${NAME})
  file(READ ${FILE} SCHEMA)
  file(READ ${SCHEMAS}/examples/${NAME}.json EXAMPLES)
  string(APPEND TEXT "constexpr std::string_view schema_of_${NAME} = R\"~json~(${SCHEMA})~json~\";\n")
  string(APPEND TEXT "constexpr std::string_view examples_of_${NAME} = R\"~json~(${EXAMPLES})~json~\";\n")
  string(APPEND ROWS "    EmbeddedKind{\"${NAME}\", schema_of_${NAME}, examples_of_${NAME}},\n")
endforeach()
string(APPEND TEXT "\nconstexpr std::array<EmbeddedKind, ${COUNT}> all{\n${ROWS}};\n\n}  // namespace\n\n"
                   "std::span<const EmbeddedKind> embedded_kinds() {\n    return all;\n}\n\n}  // namespace socai::inspection\n")
file(WRITE ${OUT} "${TEXT}")
