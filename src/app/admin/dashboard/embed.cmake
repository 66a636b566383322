# Writes a C++ source that holds files as raw strings: cmake -D OUTPUT=made.cpp -D FILES=a|b -P embed.cmake
string(REPLACE "|" ";" files "${FILES}")
set(rows "")
foreach(file IN LISTS files)
  file(READ "${file}" text)
  string(FIND "${text}" ")embedded\"" end)
  if(NOT end EQUAL -1)
    message(FATAL_ERROR "${file} holds what ends a raw string here")
  endif()
  get_filename_component(name "${file}" NAME)
  string(REPLACE "chart.min.js" "chart.js" name "${name}")
  string(APPEND rows "    {\"${name}\", R\"embedded(${text})embedded\"},\n")
endforeach()
file(WRITE "${OUTPUT}" "#include \"app/admin/dashboard_files.hpp\"

namespace gateway {
namespace {

constexpr embedded_file files[]{
${rows}};

}  // namespace

std::span<const embedded_file> dashboard_files() { return files; }

}  // namespace gateway
")
