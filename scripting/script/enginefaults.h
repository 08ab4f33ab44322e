#pragma once
#include <QString>
#include <vector>

namespace nightshift::script {

// What the engine of Qt 6.8.2 gets wrong of the language that it understands, measured:
//
// In strict code it makes a jump of the call in `return a = f()` and in `x => a = f(x)`, and never assigns: it takes
// the last call of such an expression for its tail. Modules are strict, and classes.
//
// Arrow functions in the constructor of a derived class have no `this`, which every initializer of a field is.

/// An expression whose assignment would not happen.
struct LostAssignment
{
    qsizetype from = 0; ///< Its first character, and what follows its last.
    qsizetype to = 0;
    int line = 1;
    bool operator==(const LostAssignment &) const = default;
};

/// Those of a module that is run as it stands.
std::vector<LostAssignment> lostAssignments(const QString &module);

/// A bundle in other words that the engine gets right; its lines stay. What esbuild makes of modules is not strict, but
/// for classes and for what says so itself.
QString mendBundle(const QString &bundle);

} // namespace nightshift::script
