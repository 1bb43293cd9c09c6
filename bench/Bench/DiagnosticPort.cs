using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Cencori.Edge.Bench;

/// <summary>The diagnostic port of a .NET process: the socket on which it listens for tools.</summary>
internal static class DiagnosticPort
{
    private const int HeaderLength = 20;
    private const byte ProcessCommands = 4, ApplyStartupHookCommand = 7, OkResponse = 0;

    private static ReadOnlySpan<byte> Magic => "DOTNET_IPC_V1\0"u8;

    /// <summary>Makes a running process load an assembly and run its <c>StartupHook.Initialize</c>.</summary>
    public static void ApplyStartupHook(int pid, string assembly)
    {
        var path = Encoding.Unicode.GetBytes(assembly + '\0');
        var message = new byte[HeaderLength + sizeof(int) + path.Length];
        Magic.CopyTo(message);
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(14), (ushort)message.Length);
        message[16] = ProcessCommands;
        message[17] = ApplyStartupHookCommand;
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(HeaderLength), path.Length / sizeof(char));
        path.CopyTo(message, HeaderLength + sizeof(int));

        var name = Directory.EnumerateFiles(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"dotnet-diagnostic-{pid}-*-socket")).FirstOrDefault()
            ?? throw new BenchException($"Process {pid} has no diagnostic port.");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(name));
        socket.Send(message);
        using var stream = new NetworkStream(socket);
        var response = new byte[HeaderLength];
        stream.ReadExactly(response);
        if (response[17] != OkResponse)
        {
            throw new BenchException($"Process {pid} does not accept the probe.");
        }
    }
}
