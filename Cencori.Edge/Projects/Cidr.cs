using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Cencori.Edge.Projects;

/// <summary>Parses networks in CIDR form: <c>10.0.0.0/8</c>, <c>2001:db8::/32</c>, or a single address, which is a network of one address.</summary>
public static class Cidr
{
    private const int MaxLength = 64;
    private const int OfMapped = 96;

    /// <summary>Parses a network. Mapped IPv4 (<c>::ffff:10.0.0.0/104</c>) becomes IPv4.</summary>
    /// <param name="text">Text without spaces, zone, port or brackets, and without leading zeros, which some parsers read as octal.</param>
    /// <param name="network">The network. Its <c>ToString</c> gives the form that is stored.</param>
    /// <param name="address">The address before the prefix length.</param>
    /// <returns>False: the text is not a network. If <paramref name="address"/> is not the network's first address, the text is ambiguous.</returns>
    public static bool TryParse(string? text, out IPNetwork network, out IPAddress address)
    {
        (network, address) = (default, IPAddress.None);
        if (text is null || text.Length > MaxLength)
        {
            return false;
        }

        var slash = text.IndexOf('/');
        var name = slash < 0 ? text : text[..slash];
        if (!IPAddress.TryParse(name, out var parsed) || !IsPlain(name, parsed.AddressFamily))
        {
            return false;
        }

        var max = parsed.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        var length = max;
        if (slash >= 0 && !TryReadLength(text.AsSpan(slash + 1), max, out length))
        {
            return false;
        }

        if (parsed.IsIPv4MappedToIPv6)
        {
            if (length < OfMapped)
            {
                return false;
            }

            (parsed, length) = (parsed.MapToIPv4(), length - OfMapped);
        }

        (network, address) = (new IPNetwork(parsed, length), parsed);
        return true;
    }

    /// <summary>Converts a network to the form that is stored. False: the text is not a network, or its address has bits set after the prefix.</summary>
    public static bool TryNormalize(string? text, out string normal)
    {
        var isOne = TryParse(text, out var network, out var address) && network.BaseAddress.Equals(address);
        normal = isOne ? network.ToString() : "";
        return isOne;
    }

    // IPAddress.Parse accepts '10.1', reads '010.0.0.1' as octal, and ignores the end of '[::1]:80' and '::1%eth0'.
    private static bool IsPlain(string name, AddressFamily family) =>
        family == AddressFamily.InterNetwork ? IsPlainIPv4(name)
        : name.All(c => char.IsAsciiHexDigit(c) || c is ':' or '.') && (!name.Contains('.', StringComparison.Ordinal) || IsPlainIPv4(name[(name.LastIndexOf(':') + 1)..]));

    private static bool IsPlainIPv4(string name) => IPAddress.TryParse(name, out var address) && address.ToString() == name;

    // int.Parse ignores null characters after a number.
    private static bool TryReadLength(ReadOnlySpan<char> text, int max, out int length) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out length) && length <= max
        && (text.Length == 1 || text[0] != '0') && !text.ContainsAnyExceptInRange('0', '9');
}
