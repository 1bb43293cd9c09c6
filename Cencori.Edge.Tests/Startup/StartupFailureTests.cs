using System.Net;
using System.Net.Sockets;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.Data.Sqlite;

namespace Cencori.Edge.Tests.Startup;

/// <summary>Each fault that an operator can fix stops the start with one line that names the setting.</summary>
public sealed class StartupFailureTests : IDisposable
{
    private static readonly string Key = Convert.ToBase64String(new byte[32]);

    private readonly string _directory = Directory.CreateTempSubdirectory("edge-process-").FullName;

    private string Data => Path.Combine(_directory, "data");

    [Theory]
    [InlineData("Storage:DataDirectory", "--Storage:DataDirectory=/proc/edge")]
    [InlineData("Storage:DataDirectory", "--Storage:DataDirectory=/dev/null")]
    [InlineData("Storage:DataDirectory", "--Storage:DataDirectory=/dev/null/below")]
    [InlineData("Storage:DataDirectory", "--Storage:DataDirectory=")]
    [InlineData("Storage:Provider", "--Storage:Provider=recognisable")]
    [InlineData("Storage:Provider", "--Storage:Provider=1")]
    [InlineData("Storage:ConnectionString", "--Storage:ConnectionString=Host=recognisable")]
    [InlineData("Secrets:MasterKey", "--Secrets:MasterKey=not-a-recognisable-secret")]
    [InlineData("Secrets:MasterKey", "--Secrets:MasterKey=cmVjb2duaXNhYmxl")]
    [InlineData("Secrets:MasterKey", "--Secrets:MasterKey=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=,")]
    [InlineData("Admin:Token", "--Admin:Token=recognisable")]
    [InlineData("Limits:MaxRequestBodyBytes", "--Limits:MaxRequestBodyBytes=0")]
    [InlineData("Limits:MaxRequestBodyBytes", "--Limits:MaxRequestBodyBytes=-1")]
    [InlineData("Limits:MaxRequestBodyBytes", "--Limits:MaxRequestBodyBytes=32MiB")]
    [InlineData("Limits:MaxRequestBodyBytes", "--Limits:MaxRequestBodyBytes=99999999999")]
    [InlineData("Drain:GraceSeconds", "--Drain:GraceSeconds=-1")]
    [InlineData("Drain:GraceSeconds", "--Drain:GraceSeconds=5s")]
    [InlineData("Drain:TimeoutSeconds", "--Drain:TimeoutSeconds=86401")]
    [InlineData("ForwardedHeaders:KnownProxies", "--ForwardedHeaders:KnownProxies=nonsense")]
    [InlineData("ForwardedHeaders:KnownProxies", "--ForwardedHeaders:KnownProxies=10.0.0.1, 10.1")]
    [InlineData("ForwardedHeaders:KnownProxies", "--ForwardedHeaders:KnownProxies=10.0.0.0/33")]
    [InlineData("Urls", "--urls=nonsense")]
    [InlineData("Urls", "--urls=http://192.0.2.1:5000")]
    [InlineData("Drain:GraceSeconds: the value is not a whole number", "--Drain:GraceSeconds=recognisable")]
    [InlineData("Dashboard:TokenSignIn: the value is neither true nor false", "--Dashboard:TokenSignIn=recognisable")]
    [InlineData("yarp.json", "--ReverseProxy:Clusters:openai:HttpRequest:ActivityTimeout=soon")]
    [InlineData("yarp.json", "--ReverseProxy:Clusters:openai:Destinations:default:Address=nonsense")]
    [InlineData("yarp.json", "--ReverseProxy:Clusters:openai:Metadata:Credential=recognisable")]
    [InlineData("yarp.json", "--ReverseProxy:Routes:passthrough:AuthorizationPolicy=no-such-policy")]
    [InlineData("yarp.json", "--ReverseProxy:Routes:passthrough:AuthorizationPolicy=anonymous")]
    [InlineData("yarp.json", "--ReverseProxy:Routes:provider/openai:AuthorizationPolicy=inference")]
    [InlineData("Did you mean 'openai'", "--ReverseProxy:Clusters:opnai:Destinations:default:Address=http://127.0.0.1:1")]
    [InlineData("Did you mean 'Models'", "--ReverseProxy:Clusters:openai:Metadata:Modles=recognisable")]
    [InlineData("Did you mean 'sandbox'", "--ReverseProxy:Routes:passthrough:ClusterId=sandbx")]
    [InlineData("'provider/groq'", "--ReverseProxy:Routes:provider/openai:ClusterId=groq")]
    [InlineData("Did you mean 'ActivityTimeout'", "--ReverseProxy:Clusters:openai:HttpRequest:ActivityTimeot=00:01:00")]
    [InlineData("Did you mean 'Clusters'", "--ReverseProxy:Cluster:openai:Metadata:Models=recognisable")]
    [InlineData("openai:HttpRequest:ActivityTimeout", "--ReverseProxy:Clusters:openai:HttpRequest:ActivityTimeout=recognisable")]
    [InlineData("Metadata:Proxy", "--ReverseProxy:Clusters:openai:Metadata:Proxy=recognisable")]
    [InlineData("Metadata:CaFile", "--ReverseProxy:Clusters:openai:Metadata:CaFile=/recognisable")]
    [InlineData("Egress:AllowedNetworks", "--Egress:AllowedNetworks=10.0.0.0/33")]
    [InlineData("Did you mean 'Limits:MaxRequestBodyBytes'", "--Limits:MaxRequestBodyByte=1")]
    public Task A_bad_setting(string named, string argument) => AssertRefused(named, argument);

    [Theory]
    [InlineData("Urls", "--urls=http://localhost:99999")]
    [InlineData("Urls", "--urls=http://127.0.0.1:0;ftp://127.0.0.1:1")]
    [InlineData("Admin:Urls", "--Admin:Urls=http://localhost:70000")]
    [InlineData("http_ports", "--http_ports=70000", "--urls=")]
    [InlineData("https_ports", "--https_ports=x", "--urls=")]
    [InlineData("Kestrel:Endpoints:Own:Url", "--Kestrel:Endpoints:Own:Url=http://localhost:99999")]
    public async Task A_bad_address_is_reported_before_anything_is_created(string named, params string[] arguments)
    {
        await AssertRefused(named, arguments);
        Assert.False(Directory.Exists(Data));
    }

    [Theory]
    [Trait(SlowestTests.Trait, "Processes start.")]
    [InlineData("{ \"prices\": [")]
    [InlineData("""{"prices":[{"provider":"openai","model":"gpt-4o","inptu":1,"output":1}]}""", "there is no such field as 'inptu'. Did you mean 'input'?")]
    public async Task A_bad_list_of_prices(string content, string named = "prices.json")
    {
        await File.WriteAllTextAsync(Path.Combine(_directory, "prices.json"), content);
        await RefusedStart.OfProcessAsync(_directory, named);
    }

    [Theory]
    [InlineData("")]
    [InlineData("short")]
    [InlineData("recognisable recognisable recognisable recognisable")]
    public async Task A_broken_master_key_file(string content)
    {
        Directory.CreateDirectory(Data);
        await File.WriteAllTextAsync(Path.Combine(Data, "master.key"), content);
        await AssertRefused("Secrets:MasterKey");
    }

    [Theory]
    [InlineData("{ \"ReverseProxy\": ")]
    [InlineData("recognisable")]
    [InlineData("")]
    [InlineData("""{ "ReverseProxy": { "Clusters": { "openai": { "HttpRequest": { "ActivityTimeout": "soon" } } } } }""")]
    public async Task A_broken_yarp_json(string content)
    {
        await File.WriteAllTextAsync(Path.Combine(_directory, "yarp.json"), content);
        await RefusedStart.OfProcessAsync(_directory, "yarp.json");
    }

    [Fact]
    public async Task A_file_that_is_not_a_database()
    {
        Directory.CreateDirectory(Data);
        await File.WriteAllTextAsync(Path.Combine(Data, "edge.db"), string.Concat(Enumerable.Repeat("This is no database. ", 1_000)));
        await AssertRefused("Storage:DataDirectory");
    }

    [Fact]
    public async Task A_database_from_before_the_first_release()
    {
        Directory.CreateDirectory(Data);
        Execute(
            """
            CREATE TABLE "__EFMigrationsHistory" ("MigrationId" TEXT NOT NULL PRIMARY KEY, "ProductVersion" TEXT NOT NULL);
            INSERT INTO "__EFMigrationsHistory" VALUES ('20261123194130_Initial', '10.0.15'), ('20261124200940_KeySpend', '10.0.15');
            """);
        Assert.Contains("before the first release", await AssertRefused("Storage:DataDirectory"), StringComparison.Ordinal);
    }

    [Fact]
    [Trait(SlowestTests.Trait, "Processes start.")]
    public async Task A_database_of_a_newer_edge_is_left_unchanged()
    {
        await PrepareAsync();
        Execute("""INSERT INTO "__EFMigrationsHistory" VALUES ('29990101000000_Future', '99.0.0')""");
        var before = await File.ReadAllBytesAsync(Path.Combine(Data, "edge.db"));
        await AssertRefused("Storage:DataDirectory", "--Secrets:MasterKey=" + Key);
        Assert.Equal(before, await File.ReadAllBytesAsync(Path.Combine(Data, "edge.db")));
    }

    [Fact]
    [Trait(SlowestTests.Trait, "Processes start.")]
    public async Task A_wrong_or_missing_master_key_while_sealed_credentials_are_stored()
    {
        await PrepareAsync();
        await AssertRefused("Secrets:MasterKey", "--Secrets:MasterKey=" + Convert.ToBase64String(Enumerable.Repeat((byte)7, 32).ToArray()));
        await AssertRefused("Secrets:MasterKey");

        await using var edge = EdgeProcess.Start(_directory, "--urls=http://127.0.0.1:0", "--Secrets:MasterKey=" + Key);
        await edge.ListeningAsync();
    }

    [Theory]
    [InlineData("""{"rules":[{"name":"j","kind":"guardrail","guardrail":{"type":"http","url":"https://judge.example/","secret":"sixteen-characters"}}]}""")]
    [InlineData("""{"rules":[],"webhook":{"url":"https://ops.example/","secret":"sixteen-characters"}}""")]
    public async Task A_wrong_master_key_while_only_policies_have_a_sealed_secret(string policies)
    {
        await using (var edge = await RunningEdge.StartAsync(["Secrets:MasterKey=" + Key], dataDirectory: Data))
        {
            await edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{await edge.CreateProjectAsync()}/policies", System.Text.Json.Nodes.JsonNode.Parse(policies));
        }

        var other = Convert.ToBase64String(Enumerable.Repeat((byte)7, 32).ToArray());
        Assert.Contains("not among the configured keys", await AssertRefused("Secrets:MasterKey", "--Secrets:MasterKey=" + other), StringComparison.Ordinal);
        await using var again = await RunningEdge.StartAsync([$"Secrets:MasterKey={other},{Key}"], dataDirectory: Data);
    }

    [Theory]
    [Trait(SlowestTests.Trait, "Processes start.")]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    public async Task A_port_in_use(string host)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await RefusedStart.OfProcessAsync(_directory, "Urls", $"--urls=http://{host}:{((IPEndPoint)listener.LocalEndpoint).Port}");
    }

    [Fact]
    [Trait(SlowestTests.Trait, "Two processes start, one after the other.")]
    public async Task A_port_in_use_at_the_first_start_loses_no_secret()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await using (var refused = EdgeProcess.Start(_directory, $"--urls=http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}"))
        {
            await refused.EndedAsync();
            Assert.Matches("Admin token \\(shown once\\): +cadm_[0-9a-f]{48}", refused.Output);
            Assert.Matches("Test key \\(shown once\\): +csk_test_[0-9a-f]{48}", refused.Output);

            // The hints with this address must be missing, because another program uses the address.
            Assert.DoesNotMatch("curl|Sign in", refused.Output);
        }

        await using var edge = EdgeProcess.Start(_directory, "--urls=http://127.0.0.1:0");
        await edge.ListeningAsync();
        Assert.DoesNotMatch("csk_|cadm_", edge.Output);
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        RunDirectory.Delete(_directory);
    }

    private Task<string> AssertRefused(string named, params string[] arguments) => RefusedStart.AssertAsync(_directory, named, arguments);

    /// <summary>A database with one sealed credential and an empty journal.</summary>
    private async Task PrepareAsync()
    {
        await using var edge = await RunningEdge.StartAsync(["Secrets:MasterKey=" + Key], dataDirectory: Data);
        await edge.CreateProjectAsync("openai");
        await edge.DisposeAsync();
        SqliteConnection.ClearAllPools();
        Execute("PRAGMA wal_checkpoint(TRUNCATE)");
    }

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(Data, "edge.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
