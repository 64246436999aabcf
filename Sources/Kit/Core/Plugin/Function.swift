/// A function directly under `kit`, such as `kit.train { ... }`: a plugin whose `construct` does the work.
public protocol Function: Plugin {}

extension Function {
    public static var kind: String { "kit" }
}
