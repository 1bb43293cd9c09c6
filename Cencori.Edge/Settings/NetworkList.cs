using System.Net;
using System.Net.Sockets;
using Cencori.Edge.Storage.Startup;

namespace Cencori.Edge.Settings;

/// <summary>Parses addresses and networks in settings: <c>10.0.0.5, 10.1.0.0/16</c>, separated by commas or spaces.</summary>
public static class NetworkList
{
    private static readonly char[] Separators = [',', ' ', ';', '\t', '\n', '\r'];

    /// <param name="setting">The setting's name, for the error message.</param>
    /// <param name="value">The setting's value. Null or empty: no networks.</param>
    /// <exception cref="StartupException">A part is neither an address nor a network.</exception>
    public static IReadOnlyList<IPNetwork> Parse(string setting, string? value) =>
        [.. (value ?? "").Split(Separators, StringSplitOptions.RemoveEmptyEntries).Select(part => ParseOne(setting, part))];

    private static IPNetwork ParseOne(string setting, string text)
    {
        if (text.Contains('/') && IPNetwork.TryParse(text, out var network))
        {
            return network;
        }

        // The framework accepts "10.1" as an address, but in a setting that text is a mistake.
        if (IPAddress.TryParse(text, out var address) && (address.AddressFamily == AddressFamily.InterNetworkV6 || address.ToString() == text))
        {
            address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
            return new IPNetwork(address, address.AddressFamily == AddressFamily.InterNetworkV6 ? 128 : 32);
        }

        throw new StartupException($"{setting}: '{text}' is neither an address nor a network such as 10.0.0.0/8.");
    }
}
