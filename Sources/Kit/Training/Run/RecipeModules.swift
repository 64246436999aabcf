import Foundation
import KitCore

/// The Lua files that the session's recipe has required, which a run keeps copies of.
package final class RecipeModules: SessionPart, @unchecked Sendable {
    package struct Module {
        /// "losses.mine" for `require "losses.mine"`.
        let name: String
        let path: String
        /// What was loaded: the file may change or go during the run.
        let content: Data

        /// Where a run folder has its copy: `require` finds it there for the run's copy of the recipe.
        var copy: String { "lib/\(name.replacing(".", with: "/")).lua" }
    }

    /// In the order of loading, each once.
    private(set) var all: [Module] = []

    package init() {}

    /// Records a module that was loaded. Names that are not words joined by dots are left out: their copies could not be
    /// found. So are files that cannot be read again.
    package func add(_ name: String, path: String) {
        guard name.wholeMatch(of: #/[\w-]+(\.[\w-]+)*/#) != nil else { return }
        all.removeAll { $0.name == name }
        if let content = try? DiskFileSystem().read(path) {
            all.append(Module(name: name, path: path, content: content))
        }
    }
}
