/// A plugin that is implemented in a script language and therefore runs only on the recipe's thread. Calls from other
/// threads must be handed over to it.
public protocol ScriptBound: Plugin {}
