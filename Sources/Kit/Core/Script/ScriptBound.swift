/// A plugin whose work is done by the interpreter of a script language, and so by the recipe's own thread alone: whoever
/// calls it on another thread must hand the call over.
public protocol ScriptBound: Plugin {}
