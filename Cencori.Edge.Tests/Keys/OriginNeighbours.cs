using CsCheck;

namespace Cencori.Edge.Tests.Keys;

/// <summary>
/// Generates origins that differ slightly from allowed ones, with the known host of each. They are composed from parts; nothing here parses a URL.
/// </summary>
internal static class OriginNeighbours
{
    // The canonical host, and other spellings of the same host.
    private static readonly (string Host, string[] Spellings)[] Hosts =
    [
        ("example.com", ["EXAMPLE.com", "Example.Com.", "example.com."]),
        ("app.example.com", ["APP.example.com.", "App.Example.com"]),
        ("a.b.example.com", ["a.B.example.com"]),
        ("evil-example.com", ["EVIL-example.com"]),
        ("evilexample.com", []),
        ("example.com.evil.net", ["example.COM.evil.net."]),
        ("example.comevil.net", []),
        ("example.co", []),
        ("xample.com", []),
        ("com", ["com."]),
        ("localhost", ["LOCALHOST", "localhost."]),
        ("app.localhost", ["app.localhost."]),
        ("localhost.evil.net", []),
        ("127.0.0.1", []),
        ("127.0.0.10", []),
        ("1.127.0.0.1.nip.io", []),
        ("[::1]", ["[0:0:0:0:0:0:0:1]", "[::0001]", "[::0.0.0.1]"]),
        ("[::11]", []),
        ("[2001:db8::a]", ["[2001:DB8::A]", "[2001:0db8:0:0:0:0:0:000a]"]),
        ("xn--bcher-kva.example", ["bücher.example", "BÜCHER.example", "XN--bcher-KVA.example."]),
        ("app.xn--bcher-kva.example", ["app.bücher.example"]),
        ("bucher.example", []),
        ("xn--bcher-kva.example.evil.net", ["bücher.example.evil.net"]),
    ];

    private static readonly string[] Schemes = ["https", "http", "HTTPS", "capacitor", "chrome-extension"];
    private static readonly string[] BadSchemes = ["file", "FILE", "", "1http", "ht tp"];
    private static readonly string[] Ports = ["", "", ":443", ":1", ":65535", ":08443"];
    private static readonly string[] BadPorts = [":", ":65536", ":-1", ":80a", ":example.com", ":80:80"];
    private static readonly string[] Before = ["user@", "example.com@", "example.com:443@", "localhost\\@", "@"];
    private static readonly string[] Behind = ["/", "/example.com", "?example.com", "#@example.com", "/https://localhost"];
    private static readonly string[] Rubbish = [" ", "\t", ",https://example.com", " https://example.com", "\\", "%00", "%2eexample.com", ";example.com", "&example.com"];

    private static readonly Gen<(string Host, string Spelling)> AnyHost = Gen.OneOfConst(Hosts).SelectMany(host =>
        Gen.OneOfConst([host.Host, .. host.Spellings]).Select(spelling => (host.Host, spelling)));

    /// <summary>The text, the host that it names (null: none), and whether it has a path or query after the host.</summary>
    public static readonly Gen<(string Text, string? Host, bool HasPlace)> Origins =
        Gen.Select(AnyHost, Gen.OneOfConst(Schemes), Gen.OneOfConst(Ports), Gen.Int[0, 11], Gen.Int[0, 1_000]).Select((host, scheme, port, kind, pick) => kind switch
        {
            0 => ($"{Pick(BadSchemes, pick)}://{host.Spelling}{port}", null, false),
            1 => ($"{scheme}://{host.Spelling}{Pick(BadPorts, pick)}", null, false),
            2 => ($"{scheme}://{Pick(Before, pick)}{host.Spelling}{port}", null, false),
            3 => ($"{scheme}://{host.Spelling}{Pick(Rubbish, pick)}", null, false),
            4 => ($"{scheme}:{host.Spelling}{port}", null, false),
            5 => ($"{host.Spelling}{port}", null, false),
            6 or 7 => ($"{scheme}://{host.Spelling}{port}{Pick(Behind, pick)}", host.Host, true),
            _ => ($"{scheme}://{host.Spelling}{port}", (string?)host.Host, false),
        });

    /// <summary>An entry of a key's list, the host that it names, and whether it includes subdomains.</summary>
    public static readonly Gen<(string Text, string Host, bool IsWildcard)> Domains = Gen.Select(AnyHost, Gen.Bool).Select((host, isWildcard) =>
        isWildcard && !IsAddress(host.Host) && host.Host != "com" ? ("*." + host.Spelling, host.Host, true) : (host.Spelling, host.Host, false));

    /// <summary>Compares label by label, from the top-level domain.</summary>
    public static bool Matches(string host, string domain, bool isWildcard)
    {
        var (labels, requested) = (host.Split('.').Reverse().ToList(), domain.Split('.').Reverse().ToList());
        return isWildcard && !IsAddress(host) ? labels.Take(requested.Count).SequenceEqual(requested) : labels.SequenceEqual(requested);
    }

    private static bool IsAddress(string host) => host[0] == '[' || host.StartsWith("127.", StringComparison.Ordinal);

    private static string Pick(string[] of, int number) => of[number % of.Length];
}
