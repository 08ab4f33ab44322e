// What C++ needs beside a C library, where that is musl: Debian's libstdc++ is made for glibc. Without exceptions,
// all that can be done about a broken promise is to end.
#include <cstddef>
#include <cstdlib>
#include <string>

void *operator new(size_t size)
{
    void *memory = malloc(size);
    if (!memory)
        abort();
    return memory;
}

void operator delete(void *memory) noexcept
{
    free(memory);
}

void operator delete(void *memory, size_t) noexcept
{
    free(memory);
}

/// Of it the headers leave some to libstdc++.
template class std::basic_string<char>;

namespace std {

[[noreturn]] void __throw_bad_alloc()
{
    abort();
}

[[noreturn]] void __throw_bad_array_new_length()
{
    abort();
}

[[noreturn]] void __throw_length_error(const char *)
{
    abort();
}

[[noreturn]] void __throw_logic_error(const char *)
{
    abort();
}

[[noreturn]] void __throw_out_of_range_fmt(const char *, ...)
{
    abort();
}

} // namespace std
