// The precompiled header must belong to something that is built.
int main() {}
