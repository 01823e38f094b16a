import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { EngineAdapter } from './engine.js';
import { freePort, mavenFolder, startProcess } from './toolchain.js';

const ELASTICMQ_VERSION = '1.7.1';
const DYNAMODB_LOCAL_VERSION = '2.5.4';

const elasticMqSettings = (port: number): string => `include classpath("application.conf")
node-address { protocol = http, host = "127.0.0.1", port = ${port}, context-path = "" }
rest-sqs { enabled = true, bind-port = ${port}, bind-hostname = "127.0.0.1", sqs-limits = strict }
rest-stats { enabled = false }
aws { region = us-east-1, accountId = 000000000000 }
`;

/** SQS in Scala. */
export const elasticMq: EngineAdapter = {
  name: 'elasticmq',
  services: ['sqs'],
  capabilities: ['loopback'],
  transport: 'sdk-default',
  start: async (cache) => {
    const artifact = {
      group: 'org.elasticmq',
      artifact: 'elasticmq-server_2.13',
      version: ELASTICMQ_VERSION,
    };
    const folder = await mavenFolder(cache, artifact);
    const port = await freePort();
    const settings = join(folder, 'conformance.conf');
    await writeFile(settings, elasticMqSettings(port));
    const args = [`-Dconfig.file=${settings}`, '-cp', join(folder, 'lib', '*'), 'org.elasticmq.server.Main'];
    const child = await startProcess({ command: 'java', args, folder, port });
    return { version: ELASTICMQ_VERSION, endpoint: `http://127.0.0.1:${port}`, ...child };
  },
};

/** DynamoDB Local binds every interface and has no option for it; its connector can be told before it starts. */
const LAUNCHER = `import com.amazonaws.services.dynamodbv2.local.main.ServerRunner;
import java.lang.reflect.Field;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

public class Launcher {
  public static void main(String[] args) throws Exception {
    var proxy = ServerRunner.createServerFromCommandLineArgs(args);
    for (Field field : proxy.getClass().getDeclaredFields()) {
      if (field.getType() != Server.class) continue;
      field.setAccessible(true);
      for (Connector connector : ((Server) field.get(proxy)).getConnectors()) {
        ((ServerConnector) connector).setHost("127.0.0.1");
      }
    }
    proxy.start();
  }
}
`;

/** DynamoDB as AWS gives it out for local use. */
export const dynamodbLocal: EngineAdapter = {
  name: 'dynamodb-local',
  services: ['dynamodb'],
  capabilities: ['loopback'],
  transport: 'sdk-default',
  start: async (cache) => {
    const artifact = { group: 'com.amazonaws', artifact: 'DynamoDBLocal', version: DYNAMODB_LOCAL_VERSION };
    const folder = await mavenFolder(cache, artifact);
    const port = await freePort();
    const launcher = join(folder, 'Launcher.java');
    await writeFile(launcher, LAUNCHER);
    const child = await startProcess({
      command: 'java',
      args: ['-cp', join(folder, 'lib', '*'), launcher, '-inMemory', '-sharedDb', '-port', `${port}`],
      folder,
      port,
      env: { DDB_LOCAL_TELEMETRY: '0' },
    });
    return { version: DYNAMODB_LOCAL_VERSION, endpoint: `http://127.0.0.1:${port}`, ...child };
  },
};
