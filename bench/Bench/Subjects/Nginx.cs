namespace Cencori.Edge.Bench.Subjects;

/// <summary>nginx as a plain proxy.</summary>
internal static class Nginx
{
    public static async Task<Subject> StartAsync(Run run, Launcher launcher, int port)
    {
        var file = Path.Combine(run.Directory, "nginx.conf");
        await File.WriteAllTextAsync(file, $$"""
            worker_processes {{run.Cores.CountOfSubject}};
            daemon off;
            pid {{run.Directory}}/nginx.pid;
            error_log stderr warn;
            worker_rlimit_nofile 20000;
            events { worker_connections 16000; }
            http {
              access_log off;
              keepalive_requests 1000000000;
              client_body_temp_path {{run.Directory}}/nginx-body;
              client_max_body_size 64m;
              client_body_buffer_size 2m;
              upstream provider { server {{new Uri(Launcher.ProviderUrl).Authority}}; keepalive 1024; keepalive_requests 1000000000; }
              server {
                listen 127.0.0.1:{{port}};
                location / {
                  proxy_pass http://provider;
                  proxy_http_version 1.1;
                  proxy_set_header Connection "";
                  proxy_buffering off;
                  proxy_read_timeout 600s;
                }
              }
            }
            """);
        var subject = await launcher.StartOtherAsync("nginx", port, "nginx", "/count", "/usr/sbin/nginx", ["-c", file, "-p", run.Directory]);
        return subject with { Children = [.. subject.Children, .. subject.Children[0].Descendants()] };
    }
}
