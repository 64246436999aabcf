/// The version of the kit, which `dubkit --version` prints.
enum Version {
    static let text = "dubkit 0.1.0"
}
