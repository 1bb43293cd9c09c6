using System.Net;
using Cencori.Edge.Tests.Infrastructure.Network;
using Garnet;
using Garnet.server;

namespace Cencori.Edge.Tests.Infrastructure.Redis;

/// <summary>Garnet inside the test process: supports what Redis does, including scripts and pub/sub, and needs no installation.</summary>
public sealed class GarnetRedis : IDisposable
{
    private readonly GarnetServer _server;

    private GarnetRedis(GarnetServer server, int port)
    {
        _server = server;
        Configuration = $"127.0.0.1:{port}";
    }

    public string Configuration { get; }

    public static GarnetRedis Start()
    {
        var port = LoopbackPort.Next();
        var server = new GarnetServer(new GarnetServerOptions
        {
            EndPoints = [new IPEndPoint(IPAddress.Loopback, port)],
            QuietMode = true,
            EnableLua = true,
            // Without this, two scripts on one key would run concurrently, which Redis never does.
            LuaTransactionMode = true,
            LuaOptions = new LuaOptions(LuaMemoryManagementMode.Native, "", Timeout.InfiniteTimeSpan, LuaLoggingMode.Silent, []),
        });
        server.Start();
        return new GarnetRedis(server, port);
    }

    public void Dispose() => _server.Dispose();
}
