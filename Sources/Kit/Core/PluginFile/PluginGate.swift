import CRegistry
import Glibc

/// Checks a plugin file before any of its code runs.
package struct PluginGate {
    let path: String
    let host: PluginInterface

    package init(path: String, host: PluginInterface) {
        self.path = path
        self.host = host
    }

    /// The advice for a file that does not fit.
    private static let remedy = "build it again with 'dubkit plugin build'"

    /// Throws an error with the reason and what to do, unless the file is a plugin that this program can load.
    package func check() throws {
        do {
            let file = try ELFFile(path)
            try checkKind(file)
            try checkCopies(file)
            try checkInterface(file)
            try checkRuntime(file)
        } catch ELFFile.Fault.notELF {
            throw refusal("is not a library (not an ELF file)", "give the .so file that 'dubkit plugin build' makes")
        } catch ELFFile.Fault.truncated(let expected) {
            throw refusal(
                "is truncated: its headers describe \(expected) bytes or more", "copy it again, or \(Self.remedy)")
        } catch ELFFile.Fault.malformed(let fault) {
            throw refusal("is damaged: \(fault)", Self.remedy)
        }
    }

    func refusal(_ reason: String, _ remedy: String = PluginGate.remedy) -> KitError {
        KitError(.configuration, "plugin \(path) \(reason): \(remedy)")
    }

    private func checkKind(_ file: ELFFile) throws {
        let own = try ELFFile(PluginKit.programPath()).architecture
        guard file.architecture == own else {
            throw refusal(
                "is for \(file.architecture), but this dubkit for \(own)", "build it on a machine of this kind")
        }
        guard file.isShared else {
            throw refusal("is not a shared library", "give the .so file that 'dubkit plugin build' makes")
        }
    }

    /// A plugin must use the program's copies of the kit and of Swift's libraries. Its own copies would define
    /// different types.
    private func checkCopies(_ file: ELFFile) throws {
        let program = dubkit_file_of(nil).map { String(cString: $0) }
        for symbol in try file.symbols() where symbol.isDefined && !symbol.isWeak && symbol.name.hasPrefix("$s") {
            guard let address = dlsym(nil, symbol.name) else { continue }
            guard let owner = dubkit_file_of(address).map({ String(cString: $0) }) else { continue }
            let name = Self.readable(symbol.name)
            throw refusal(
                owner == program
                    ? "has its own copy of the kit (\(name))"
                    : "has its own copy of Swift's libraries (\(name), of \(owner)), as with -static-stdlib",
                "link neither into it: \(Self.remedy)")
        }
    }

    /// A hidden copy of Swift's runtime shows because the file does not need the program's.
    private func checkRuntime(_ file: ELFFile) throws {
        guard let address = dlsym(nil, "swift_retain"), let path = dubkit_file_of(address),
            let library = String(cString: path).split(separator: "/").last.map(String.init),
            try !file.neededLibraries().contains(library)
        else { return }
        throw refusal(
            "does not use the program's \(library), but contains Swift's libraries, as with -static-stdlib",
            "link them dynamically: \(Self.remedy)")
    }

    private func checkInterface(_ file: ELFFile) throws {
        let notes = try file.notes(of: PluginInterface.noteOwner, type: PluginInterface.noteType)
        guard let note = notes.first else { throw refusal("does not say what it was built against") }
        let interface: PluginInterface
        do {
            interface = try PluginInterface(String(decoding: note, as: UTF8.self))
        } catch let error as KitError {
            throw refusal(error.message)
        }
        if let mismatch = interface.mismatch(with: host) { throw refusal(mismatch) }
    }

    /// What `dlopen` said, with the name of a missing symbol as Swift writes it.
    func failure(_ message: String) -> KitError {
        guard let mark = message.firstRange(of: "undefined symbol: ") else {
            return refusal("cannot be loaded: \(message)")
        }
        let symbol = String(message[mark.upperBound...].prefix { !$0.isWhitespace && $0 != "," })
        return refusal(
            "needs \(Self.readable(symbol)), which is neither in this dubkit nor in a library that the plugin names")
    }

    private typealias Demangler =
        @convention(c) (
            UnsafePointer<CChar>?, Int, UnsafeMutablePointer<CChar>?, UnsafeMutablePointer<Int>?, UInt32
        ) -> UnsafeMutablePointer<CChar>?

    /// A symbol's name as Swift's own diagnostics write it, or the beginning of it.
    private static func readable(_ symbol: String) -> String {
        // A function of Swift's runtime that no header declares.
        guard let address = dlsym(nil, "swift_demangle"),
            let text = unsafeBitCast(address, to: Demangler.self)(symbol, symbol.utf8.count, nil, nil, 0)
        else { return symbol }
        defer { free(text) }
        let words = String(cString: text)
        return words.count > 100 ? "\(words.prefix(100))..." : words
    }
}
