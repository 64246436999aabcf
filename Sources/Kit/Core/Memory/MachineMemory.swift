import Glibc

/// How much memory there is for this process.
///
/// Linux lets processes ask for more memory than there is, and kills one when they use it. So the kit looks at what is free
/// before it asks for much.
public enum MachineMemory {
    /// The most bytes that this process can ever have: the machine's memory, or what a control group or `ulimit` leaves of it.
    public static let limit: Int = {
        let machine = Int(sysconf(Int32(_SC_PHYS_PAGES))) * pageSize
        return ([machine] + ControlGroup.all.compactMap(\.limit) + limits).min() ?? machine
    }()

    /// Bytes that can be had now.
    public static var available: Int {
        let machine = ProcFile("/proc/meminfo").kibibytes(of: "MemAvailable", "SwapFree") ?? limit
        let taken = Int(ProcFile("/proc/self/statm").words.first ?? "").map { $0 * pageSize } ?? 0
        let rests = ControlGroup.all.compactMap(\.rest) + limits.map { max(0, $0 - taken) }
        return ([machine] + rests).min() ?? machine
    }

    /// Throws if this many bytes are not available. For allocations that would otherwise crash.
    ///
    /// - Parameters:
    ///   - bytes: how many.
    ///   - what: what they are for, as "10 s of sound".
    public static func require(_ bytes: Int, for what: @autoclosure () -> String) throws {
        // Asking takes longer than filling a few pages.
        guard bytes >= 1 << 26, bytes > available else { return }
        throw shortage(of: bytes, for: what())
    }

    static func shortage(of bytes: Int, for what: String) -> KitError {
        KitError(
            .outOfMemory, "not enough memory: \(what) needs \(bytes) bytes, and \(available) can be had here")
    }

    private static let pageSize = Int(sysconf(Int32(_SC_PAGESIZE)))

    /// The bytes that `ulimit -v` and `ulimit -d` allow.
    private static let limits: [Int] = [RLIMIT_AS, RLIMIT_DATA].compactMap { name in
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(name.rawValue), &limit) == 0, limit.rlim_cur <= UInt(Int.max) else {
            return nil
        }
        return Int(limit.rlim_cur)
    }
}

/// A control group that this process is in, or one above it, with a limit of its own: as of a container or a batch job.
private struct ControlGroup {
    let limit: Int?
    private let usage: String
    private let folder: String

    static let all: [ControlGroup] = {
        // "0::/user.slice" of version 2, "4:memory:/job" of version 1.
        let lines = ProcFile("/proc/self/cgroup").text.split(separator: "\n")
        return lines.flatMap { line -> [ControlGroup] in
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { return [] }
            if fields[0] == "0" {
                return groups("/sys/fs/cgroup", fields[2], limit: "memory.max", usage: "memory.current")
            }
            guard fields[1].split(separator: ",").contains("memory") else { return [] }
            return groups(
                "/sys/fs/cgroup/memory", fields[2], limit: "memory.limit_in_bytes", usage: "memory.usage_in_bytes")
        }
    }()

    /// A group and all above it. Inside of a container the paths may be those outside: then only the root is found.
    private static func groups(_ root: String, _ path: Substring, limit: String, usage: String) -> [ControlGroup] {
        let names = path.split(separator: "/")
        return (0...names.count).compactMap { depth in
            let folder = ([root] + names.prefix(depth).map(String.init)).joined(separator: "/")
            guard let bytes = Int(ProcFile("\(folder)/\(limit)").words.first ?? "") else { return nil }
            return ControlGroup(limit: bytes, usage: usage, folder: folder)
        }
    }

    /// Bytes left below the limit, including page cache that can be reclaimed.
    var rest: Int? {
        guard let limit, let used = Int(ProcFile("\(folder)/\(usage)").words.first ?? "") else { return nil }
        let words = ProcFile("\(folder)/memory.stat").words
        let kept = words.firstIndex { $0 == "inactive_file" || $0 == "total_inactive_file" }.flatMap {
            Int(words[$0 + 1])
        }
        return max(0, limit - used + (kept ?? 0))
    }
}

/// A small file that the system writes when it is read; empty if there is none.
private struct ProcFile {
    let text: String

    init(_ path: String) {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            text = ""
            return
        }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 14)
        let count = read(file, &bytes, bytes.count)
        text = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }

    var words: [Substring] { text.split { $0 == " " || $0 == "\n" || $0 == "\t" } }

    /// The sum of lines such as "MemAvailable:  123 kB", in bytes; nil if one is not there.
    func kibibytes(of names: String...) -> Int? {
        let words = words
        return names.reduce(Int?.some(0)) { sum, name in
            guard let sum, let place = words.firstIndex(of: "\(name):"), place + 1 < words.count,
                let number = Int(words[place + 1])
            else { return nil }
            return sum + number * 1024
        }
    }
}
