using System.Diagnostics;
using System.Text.Json;
using Cencori.Edge.Tests.Infrastructure;

namespace Cencori.Edge.Tests.Wire;

/// <summary>Runs a script with the JavaScript SDKs that are installed in <c>Wire/JavaScript</c>. It reports in lines of JSON.</summary>
internal static class NodeScript
{
    public const string Directory = "Wire/JavaScript";

    public static async Task<List<T>> RunAsync<T>(string script, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo("node", [script])
        {
            WorkingDirectory = NodeFactAttribute.SourceDirectory(Directory),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var node = await ChildProcess.LaunchAsync(start);
        using var limit = new CancellationTokenSource(Eventually.Timeout, TimeProvider.System);
        using var killing = limit.Token.Register(node.Kill);
        var output = node.StandardOutput.ReadToEndAsync(limit.Token);
        var errors = node.StandardError.ReadToEndAsync(limit.Token);
        await node.WaitForExitAsync(limit.Token);

        Assert.True(node.ExitCode == 0, $"node ended with {node.ExitCode}: {await errors}");
        return [.. (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<T>(line, JsonSerializerOptions.Web)!)];
    }
}
