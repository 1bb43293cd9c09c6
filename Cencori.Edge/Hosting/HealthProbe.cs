namespace Cencori.Edge.Hosting;

/// <summary>Calls the health endpoint of the edge on this machine. Exit code 0: it responds.</summary>
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
            await Console.Error.WriteLineAsync($"The edge does not answer: {exception.Message}");
            return 1;
        }
    }

    /// <summary>The URL of an edge with this configuration, from the same machine.</summary>
    /// <exception cref="UriFormatException">The configured address is invalid.</exception>
    public static Uri Address(IConfiguration configuration) => new(AddressText(configuration));

    /// <summary>The same as text, not validated.</summary>
    public static string AddressText(IConfiguration configuration)
    {
        var url = configuration["urls"] is { Length: > 0 } urls
            ? urls.Split(';')[0]
            : $"http://localhost:{(configuration["http_ports"] is { Length: > 0 } ports ? ports.Split(';')[0] : "8080")}";
        return Reachable(url);
    }

    /// <summary>Turns a listen address into one to connect to: "every interface" becomes localhost.</summary>
    public static string Reachable(string url) =>
        url.Replace("://*", "://localhost").Replace("://+", "://localhost").Replace("://0.0.0.0", "://localhost").Replace("://[::]", "://localhost");
}
