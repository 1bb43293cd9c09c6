namespace Cencori.Edge.Hosting;

/// <summary>Calls the health endpoint of the edge on this machine. Returns the exit code: 0 when the edge responds with a success, otherwise 1.</summary>
public static class HealthProbe
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    public static async Task<int> RunAsync(IConfiguration configuration)
    {
        using var client = new HttpClient { Timeout = Timeout };
        try
        {
            using var response = await client.GetAsync(new Uri(Address(configuration), HealthApi.Path));
            return response.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException or UriFormatException)
        {
            await Console.Error.WriteLineAsync($"The edge does not respond: {exception.Message}");
            return 1;
        }
    }

    /// <summary>The URL at which an edge with this configuration is reachable from its own machine.</summary>
    /// <exception cref="UriFormatException">The configured address is invalid.</exception>
    public static Uri Address(IConfiguration configuration) => new(AddressText(configuration));

    /// <summary>The URL of <see cref="Address"/> as text, not validated.</summary>
    public static string AddressText(IConfiguration configuration)
    {
        var url = configuration["urls"] is { Length: > 0 } urls
            ? urls.Split(';')[0]
            : $"http://localhost:{(configuration["http_ports"] is { Length: > 0 } ports ? ports.Split(';')[0] : "8080")}";
        return Reachable(url);
    }

    /// <summary>Converts a listen address to an address for a client: a wildcard for all interfaces becomes localhost.</summary>
    public static string Reachable(string url) =>
        url.Replace("://*", "://localhost").Replace("://+", "://localhost").Replace("://0.0.0.0", "://localhost").Replace("://[::]", "://localhost");
}
